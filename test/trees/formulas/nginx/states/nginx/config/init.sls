include:
  - .file
  - .sites
