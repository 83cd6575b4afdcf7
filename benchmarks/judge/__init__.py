"""A judge of framings: what a timeline shows, what its movie holds, and what an editor would complain of."""
