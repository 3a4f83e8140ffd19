"""Claims of Truong Ngoc Son, *AI - Foundation and Application*, Chapter 2: Back Propagation, by group of slides."""
