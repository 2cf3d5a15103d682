"""The questions: one module for each feature; a probe sends requests, names them and judges nothing."""
