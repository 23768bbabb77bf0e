"""What to compute: integer layers, their file, their exact reference, and the way from float."""
