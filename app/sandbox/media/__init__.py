"""Files: uploaded, looked into, downloaded."""
