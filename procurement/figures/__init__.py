"""Figures for who watches over the installation: what there is now, what there was."""
