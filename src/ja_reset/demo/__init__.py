"""The reference host: the three resets as web pages, with a telephone to call from and an operator's page.

It knows the library by its public names alone (`tests/demo/test_demo_imports.py`), and shows each screen from its View,
so that another procedure appears without a line here. Needs `pip install 'ja-reset[demo]'`.
"""
