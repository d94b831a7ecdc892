"""Lines of TAP for the Python clients."""
failures = 0


def check(found, expected, name):
    global failures
    if found == expected:
        print(f"ok - {name}")
    else:
        failures += 1
        print(f"not ok - {name}\n# found {found!r}, expected {expected!r}")
