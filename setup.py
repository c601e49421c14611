"""What pyproject.toml cannot say: in a wheel the top of the repository (launcher, pages, settings of Streamlit) lies inside the package.

Packages that are found and packages from elsewhere cannot both stand there. synapse_analytics/places.py finds them in either.
"""

from setuptools import find_packages, setup

SERVED = "synapse_analytics.served"

setup(
    script_name="setup.py",  # else this file would be taken for a module of the folder it stands in
    packages=[*find_packages(include=["synapse_analytics*"]), SERVED, f"{SERVED}.pages"],
    package_dir={SERVED: ".", f"{SERVED}.pages": "pages"},
)
