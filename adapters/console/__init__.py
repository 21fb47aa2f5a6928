"""The web console: pages for administrators and auditors, rendered here, without any build step."""
