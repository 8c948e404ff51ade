"""Parts of sections: what several share, and what stands folded in one."""
