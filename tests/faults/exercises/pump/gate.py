def open_gate(width: float) -> None:
    if width > 2⟦file⟧
        print("wide")
