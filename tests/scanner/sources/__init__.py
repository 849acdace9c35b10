"""The sources without hardware: real descriptors of the kernel (ptys, FIFOs, sockets, files) stand where devices would."""
