def main() -> None:
    print("Hello from mailroom!")
