"""Jupyter's configuration for `npm start`, found through JUPYTER_CONFIG_PATH."""

c = get_config()  # noqa: F821 (Jupyter defines it)

# Nobody but this machine, and nobody without the token, which comes in JUPYTER_TOKEN.
c.ServerApp.ip = "127.0.0.1"
# Set-up has chosen a free port and printed it: another one would be a surprise.
c.ServerApp.port_retries = 0
c.ServerApp.log_level = "WARN"
# On loopback a connection is there or it is not. (jupyter_server takes tornado's seconds for milliseconds, of which
# tornado warns.)
c.ServerApp.tornado_settings = {"ws_ping_interval": 0}
# Ctrl-C needs no confirmation.
c.ServerApp.answer_yes = True

# A new notebook is a lesson's kind of notebook.
c.MappingKernelManager.default_kernel_name = "tslab"
