"""The door for today's eOffice systems: the VXP API as its Java and .NET clients speak it."""
