"""The mirror comes from the machine's own apt configuration, in either of its two formats."""

from __future__ import annotations

from pathlib import Path

from switch_adapters.lab.apt_mirror import debian_mirrors

ONE_LINE = """
# deb http://commented.example/debian bookworm main
deb [arch=amd64 signed-by=/usr/share/keyrings/x.gpg] http://first.example/debian bookworm main contrib  # ours
deb-src http://source.example/debian bookworm main
deb http://security.example/debian-security bookworm-security main
deb https://other.example/apt cloud-bookworm main
"""
DEB822 = """
Types: deb deb-src
# URIs: http://commented.example/debian
URIs: http://second.example/debian/
 http://third.example/debian
Suites: trixie trixie-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Enabled: no
Types: deb
URIs: http://disabled.example/debian
Suites: trixie
Components: main

Types: deb
URIs: https://vendor.example/node
Suites: nodistro
Components: main
"""


def test_both_formats_are_read_in_order_without_repeats(tmp_path: Path) -> None:
    (tmp_path / "sources.list").write_text(ONE_LINE)
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "sources.list.d" / "debian.sources").write_text(DEB822)
    (tmp_path / "sources.list.d" / "again.list").write_text("deb http://first.example/debian/ sid main\n")
    (tmp_path / "sources.list.d" / "old.list.save").write_text("deb http://saved.example/debian sid main\n")
    assert debian_mirrors(tmp_path) == [
        "http://first.example/debian",
        "http://second.example/debian",
        "http://third.example/debian",
    ]


def test_a_machine_without_debian_names_none(tmp_path: Path) -> None:
    assert debian_mirrors(tmp_path) == []
