from solutions.pump import flow⟦starter⟧


def twice(litres: float) -> float:
    return 2 * flow(litres)
