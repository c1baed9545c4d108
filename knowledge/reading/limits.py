"""What reading one file may cost."""

LARGEST = 20 * 2**20  # bytes of a file
SHORT = 64 * 2**10  # bytes of plain text that is read without a process of its own: at worst that takes a second
MEMORY = 1_500 * 2**20  # bytes of address space of a worker
CPU_SECONDS, WALL_SECONDS = 40, 60  # of a worker
OUTPUT = 128 * 2**20  # bytes of any file that a worker writes, which its answer is
WORKERS = 2  # at once
FETCH_SECONDS, REDIRECTS = 20, 5  # of one address
