package io.loomvisor.runtime.oci.control;

import com.google.gson.JsonObject;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.host.DescriptorCalls;
import io.loomvisor.gofer.host.StreamCalls;
import io.loomvisor.runtime.host.HostFile;
import io.loomvisor.runtime.oci.state.StateDirectory;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The sentry's ends of the two named pipes by which the launcher asks: a shell can make no sockets.
 * A request is a line that begins with a name, which the line of the answer repeats, so that an
 * answer which nobody has read, as its verb had died, is not taken for the next one's:
 *
 * <pre>
 *   NAME start                 NAME ok
 *   NAME kill SIGNAL all|no    NAME error
 * </pre>
 *
 * An error is not explained: the launcher then starts the JVM's verb, which asks again. Both
 * descriptors are non-blocking. Owned by {@link ControlServer}'s thread.
 */
public final class ShellPipes {
  /** Of one line; a longer one is none of the launcher's. */
  private static final int LONGEST = 256;

  /** A request of the launcher's, with the name that its answer has to have. */
  record Asked(String name, JsonObject request) {}

  private final int requests;
  private final int answers;
  private final StringBuilder begun = new StringBuilder();

  private ShellPipes(int requests, int answers) {
    this.requests = requests;
    this.answers = answers;
  }

  /** Those of the container whose state is in {@code directory}, for good. */
  public static ShellPipes open(Path directory) throws IOException {
    return new ShellPipes(
        HostFile.openPipe(directory.resolve(StateDirectory.REQUESTS).toString()),
        HostFile.openPipe(directory.resolve(StateDirectory.ANSWERS).toString()));
  }

  /** Descriptors that were opened as {@link #open} does. */
  public static ShellPipes of(int requests, int answers) {
    return new ShellPipes(requests, answers);
  }

  public int[] descriptors() {
    return new int[] {requests, answers};
  }

  public void close() {
    DescriptorCalls.close(requests);
    DescriptorCalls.close(answers);
  }

  int requests() {
    return requests;
  }

  /** What has come; nothing if there was only a part of a line, or nothing that makes sense. */
  List<Asked> take() {
    List<Asked> asked = new ArrayList<>();
    for (char c : read().toCharArray()) {
      if (c == '\n') {
        Asked one = parse(begun.toString());
        if (one != null) {
          asked.add(one);
        }
        begun.setLength(0);
      } else if (begun.length() < LONGEST) {
        begun.append(c);
      }
    }
    return asked;
  }

  private String read() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(LONGEST);
      int n = StreamCalls.read(requests, buffer);
      byte[] bytes = buffer.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE);
      return new String(bytes, StandardCharsets.ISO_8859_1);
    }
  }

  /** Null if {@code line} is no request. */
  static Asked parse(String line) {
    String[] words = line.split(" ", -1);
    if (words.length == 2 && words[1].equals("start")) {
      return new Asked(words[0], ControlClient.request("start"));
    }
    if (words.length == 4 && words[1].equals("kill") && words[2].matches("[0-9]{1,2}")) {
      JsonObject kill = ControlClient.request("kill");
      kill.addProperty("signal", Integer.parseInt(words[2]));
      kill.addProperty("all", words[3].equals("all"));
      return new Asked(words[0], kill);
    }
    return null;
  }

  /**
   * Does not wait: the pipe is full of answers that nobody has read only if verbs died by the
   * thousand.
   *
   * @throws LinuxException it could not be told
   */
  void answer(Asked asked, boolean done) {
    byte[] line =
        (asked.name() + (done ? " ok\n" : " error\n")).getBytes(StandardCharsets.ISO_8859_1);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(line.length);
      buffer.copyFrom(MemorySegment.ofArray(line));
      StreamCalls.write(answers, buffer);
    }
  }
}
