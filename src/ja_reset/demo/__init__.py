"""The reference host: the resets as web pages, with a telephone to call from and an operator's page.

It uses the library's public names only (`tests/demo/test_demo_imports.py`), and renders each screen from its View, so
another procedure needs no change here. Needs `pip install 'ja-reset[demo]'`.
"""
