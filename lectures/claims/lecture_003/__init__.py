"""Claims of ADF, Fakultas Informatika, Telkom University, *Machine Learning: Backpropagation*, by group of slides."""
