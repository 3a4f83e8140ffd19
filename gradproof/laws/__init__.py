"""Laws: what a layer that draws random numbers must obey, checked by its statistics where no mask can be shared."""
