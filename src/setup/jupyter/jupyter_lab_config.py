"""JupyterLab's configuration for `npm start`, found through JUPYTER_CONFIG_PATH."""

c = get_config()  # noqa: F821 (Jupyter defines it)

# No request leaves this machine: not for extensions, not for updates, not for news.
c.LabApp.extension_manager = "readonly"
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
c.LabApp.news_url = None
c.LabApp.log_level = "WARN"
