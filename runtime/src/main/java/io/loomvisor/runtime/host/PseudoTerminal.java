package io.loomvisor.runtime.host;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import java.io.IOException;

/**
 * A pseudo-terminal of the host (pty(7)).
 *
 * @param master its descriptor, close-on-exec; the holder closes it
 * @param slavePath where its other side can be opened
 */
public record PseudoTerminal(int master, String slavePath) {
  private static final int TIOCSWINSZ = 0x5414;

  public static PseudoTerminal open() throws IOException {
    try {
      int master = Libc.posix_openpt(HostFile.O_RDWR | HostFile.O_NOCTTY | HostFile.O_CLOEXEC);
      Libc.grantpt(master);
      Libc.unlockpt(master);
      byte[] name = new byte[64];
      int error = Libc.ptsname_r(master, name, name.length);
      if (error != 0) {
        throw new IOException("ptsname_r: error " + error);
      }
      return new PseudoTerminal(master, com.sun.jna.Native.toString(name));
    } catch (LastErrorException e) {
      throw new IOException("cannot make a pseudo-terminal: " + e.getMessage(), e);
    }
  }

  /** Sets the size that programs see (struct winsize: rows, columns, two unused). */
  public void resize(int rows, int columns) throws IOException {
    try (Memory size = new Memory(8)) {
      size.clear();
      size.setShort(0, (short) rows);
      size.setShort(2, (short) columns);
      Libc.ioctl(master, TIOCSWINSZ, size);
    } catch (LastErrorException e) {
      throw new IOException("TIOCSWINSZ: " + e.getMessage(), e);
    }
  }
}
