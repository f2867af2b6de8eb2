import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent / "platform")]
if __name__ == "__main__":
    from config.cli import main

    main()
