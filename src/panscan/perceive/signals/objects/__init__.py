"""Objects, found with weights that the user brings: ONNX or PyTorch."""
