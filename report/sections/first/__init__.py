"""The first page: a sentence, four figures, two pictures, who chose the limit, how sure we are."""
