"""How fast a model is on this machine, stage by stage, beside diffusers' plain call."""
