"""The optional active-speaker network: LR-ASD's published weights, which the user brings, run by onnxruntime.

No code of the network's authors and no torch: the weights are read by a restricted unpickler and written as ONNX.
"""
