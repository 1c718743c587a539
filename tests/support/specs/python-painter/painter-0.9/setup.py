from setuptools import setup

setup(name="painter", version="0.9", py_modules=["painter"])
