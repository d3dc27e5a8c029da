package io.loomvisor.runtime.oci.control;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.host.DescriptorCalls;
import io.loomvisor.gofer.host.DescriptorCalls.Received;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** JSON objects over sockets that keep messages apart. */
public final class Messages {
  /** Of the sum of what a socket buffer takes by default; an environment may be long. */
  public static final int MAX_LENGTH = 192 << 10;

  /**
   * A message.
   *
   * @param json null at the end of the connection
   * @param descriptors the receiver's
   */
  public record Message(JsonObject json, int[] descriptors) {}

  private Messages() {}

  public static void send(int socket, JsonObject json, int... descriptors) {
    byte[] bytes = json.toString().getBytes(StandardCharsets.UTF_8);
    if (bytes.length > MAX_LENGTH) {
      throw Errno.E2BIG.exception();
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(bytes.length);
      buffer.copyFrom(MemorySegment.ofArray(bytes));
      DescriptorCalls.sendAll(socket, buffer, bytes.length, descriptors);
    }
  }

  /** Waits for one. What is no JSON object, or is too long, is an empty object. */
  public static Message receive(int socket) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(MAX_LENGTH);
      Received received;
      try {
        received = DescriptorCalls.receive(socket, buffer);
      } catch (LinuxException e) {
        if (e.errno() == Errno.ECONNRESET) {
          return new Message(null, new int[0]);
        }
        throw e;
      }
      if (received.length() == 0) {
        return new Message(null, received.descriptors());
      }
      byte[] bytes = buffer.asSlice(0, received.length()).toArray(ValueLayout.JAVA_BYTE);
      return new Message(parse(bytes, received.truncated()), received.descriptors());
    }
  }

  private static JsonObject parse(byte[] bytes, boolean truncated) {
    try {
      return truncated
          ? new JsonObject()
          : JsonParser.parseString(new String(bytes, StandardCharsets.UTF_8)).getAsJsonObject();
    } catch (JsonParseException | IllegalStateException e) {
      return new JsonObject();
    }
  }

  public static JsonObject error(String message) {
    JsonObject o = new JsonObject();
    o.addProperty("error", message == null ? "unknown error" : message);
    return o;
  }
}
