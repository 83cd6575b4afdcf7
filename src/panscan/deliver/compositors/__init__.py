"""Node graphs and scripts for compositing programs: After Effects, Blender, Fusion, Nuke."""
