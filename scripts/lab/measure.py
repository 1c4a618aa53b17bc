"""What a process took."""
import mmap, os, statistics


def cpu_seconds(pid):
    """CPU seconds of a process so far."""
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_kib(pid, key="VmRSS"):
    """Resident memory of a process; with VmHWM the most that it ever was."""
    with open(f"/proc/{pid}/status") as status:
        return int(next(line for line in status if line.startswith(key)).split()[1])


def warm():
    """Touches memory, so that no run pays for what the machine's host must give first."""
    memory = mmap.mmap(-1, 5 << 29, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | mmap.MAP_POPULATE)
    memory.close()


def spread(values):
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"
