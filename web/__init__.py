"""The static site: the notebooks as pages whose explorers and predictions answer without a kernel."""
