"""The sound of a cut: its clips read, levelled and added up."""
