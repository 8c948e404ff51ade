"""Variables of files whose study decides on LIS2/3 posts or earmarked ones beside LIS1."""

from __future__ import annotations

from .variable import POSTS, SLOTS, along, no_plan

POST_VARIABLES = (
    *along(
        "time plan specialty region",
        POSTS,
        training_posts="LIS2/3 posts, for as many doctors at once",
        posts="new LIS2/3 posts opened in the year",
    ),
    *along(
        "time frontier specialty region",
        POSTS,
        no_plan("frontier_status"),
        frontier_posts="new LIS2/3 posts of the frontier's plans",
    ),
    *along(
        "frontier",
        POSTS,
        no_plan("frontier_status"),
        frontier_posts_total="LIS2/3 posts opened in all",
    ),
    *along(
        "weight_table",
        POSTS,
        no_plan("table_status"),
        table_posts_total="LIS2/3 posts opened in all under this weight table",
    ),
    *along(
        "weight_table",
        POSTS,
        no_plan("table_same_status"),
        table_same_posts_total="LIS2/3 posts that plan opens in all",
    ),
    *along(
        "time way specialty region",
        POSTS,
        no_plan("way_status"),
        way_posts="LIS2/3 posts of that plan",
    ),
    *along(
        "frontier",
        POSTS,
        no_plan("over_status"),
        over_posts_total="LIS2/3 posts opened in all",
    ),
    *along(
        "time frontier specialty region",
        POSTS,
        no_plan("over_status"),
        over_posts="new LIS2/3 posts of the plan",
    ),
    *along(
        "size replication",
        POSTS,
        no_plan("replication_status"),
        replication_posts_total="LIS2/3 posts opened in all",
    ),
    *along(
        "time size replication specialty region",
        POSTS,
        no_plan("replication_status"),
        replication_posts="new LIS2/3 posts",
    ),
)
TRACK_VARIABLES = (
    *along(
        "time plan track region",
        SLOTS,
        track_level="earmarked LIS1 posts, of those on offer",
        tracks="LIS1 posts earmarked anew in the year",
    ),
    *along(
        "time frontier track region",
        SLOTS,
        no_plan("frontier_status"),
        frontier_tracks="newly earmarked posts of the frontier's plans",
    ),
    *along(
        "frontier",
        SLOTS,
        no_plan("frontier_status"),
        frontier_tracks_total="posts earmarked anew in all",
    ),
    *along(
        "weight_table",
        SLOTS,
        no_plan("table_status"),
        table_tracks_total="posts earmarked anew in all under this weight table",
    ),
    *along(
        "weight_table",
        SLOTS,
        no_plan("table_same_status"),
        table_same_tracks_total="posts that plan earmarks anew in all",
    ),
    *along(
        "time way track region",
        SLOTS,
        no_plan("way_status"),
        way_tracks="newly earmarked posts of that plan",
    ),
    *along(
        "frontier",
        SLOTS,
        no_plan("over_status"),
        over_tracks_total="posts earmarked anew in all",
    ),
    *along(
        "time frontier track region",
        SLOTS,
        no_plan("over_status"),
        over_tracks="newly earmarked posts of the plan",
    ),
    *along(
        "size replication",
        SLOTS,
        no_plan("replication_status"),
        replication_tracks_total="posts earmarked anew in all",
    ),
    *along(
        "time size replication track region",
        SLOTS,
        no_plan("replication_status"),
        replication_tracks="newly earmarked posts",
    ),
)
