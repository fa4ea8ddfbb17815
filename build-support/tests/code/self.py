print("no arguments")
