package io.loomvisor.runtime.oci.verb;

import com.google.gson.JsonObject;
import io.loomvisor.runtime.host.HostSignals;
import io.loomvisor.runtime.oci.control.ControlClient;
import io.loomvisor.runtime.oci.state.RuntimeFailure;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.IntConsumer;

/** Signals to a verb that waits for a process go on to the process. */
final class SignalRelay {
  /** Those that the JVM leaves to programs, by number. */
  private static final Map<String, Integer> FORWARDED = Map.of("HUP", 1, "INT", 2, "TERM", 15);

  private SignalRelay() {}

  static void to(IntConsumer target) {
    FORWARDED.forEach((name, number) -> HostSignals.handle(name, () -> target.accept(number)));
  }

  /** To the first process of a container. */
  static void toContainer(Path directory) {
    to(
        signal -> {
          JsonObject request = ControlClient.request("kill");
          request.addProperty("signal", signal);
          try {
            ControlClient.ask(directory, request);
          } catch (RuntimeFailure e) {
            // It has ended, which the verb will see for itself.
            assert e.getMessage() != null;
          } catch (IOException e) {
            System.err.println("loomvisor: signal " + signal + ": " + e.getMessage());
          }
        });
  }
}
