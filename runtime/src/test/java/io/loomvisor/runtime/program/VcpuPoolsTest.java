package io.loomvisor.runtime.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.scheduler.vcpu.PoolStrategy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Each strategy, chosen on the command line, with more tasks that compute than there are carriers.
 */
class VcpuPoolsTest {
  private static final Duration LIMIT = Duration.ofSeconds(120);

  @BeforeEach
  void kvm() {
    Product.require();
  }

  private static Path spinners() throws InterruptedException {
    Path program = Product.scratch("pools").resolve("spinners");
    Path from = Product.TREE.resolve("kernel/src/test/programs/spinners.c");
    List<String> gcc =
        List.of("gcc", "-O1", "-static", "-pthread", "-o", program.toString(), from.toString());
    Product.Outcome outcome = Product.run(gcc, Product.TREE, LIMIT);
    assertEquals(0, outcome.status(), outcome.errors());
    return program;
  }

  /**
   * Timers, pipes and the gofer's files go on with all vCPUs in the application. Starved of
   * carriers they would not be late but never.
   */
  @ParameterizedTest
  @EnumSource
  void nobodyStarvesWhileAllVcpusCompute(PoolStrategy strategy) throws InterruptedException {
    List<String> command =
        Product.command(
            "--vcpus", "2", "--vcpu-pool", strategy.title(), "--", spinners().toString(), "8");
    Product.Outcome outcome = Product.run(command, Product.TREE, LIMIT);
    assertFalse(outcome.timedOut());
    assertEquals("ok\n", outcome.text());
    assertEquals(0, outcome.status(), outcome.errors());
  }

  @Test
  void moreVcpusThanCpusHaveCarriersToo() throws InterruptedException {
    List<String> command = Product.command("--vcpus", "12", "--", spinners().toString(), "16");
    Product.Outcome outcome = Product.run(command, Product.TREE, LIMIT);
    assertFalse(outcome.timedOut());
    assertEquals("ok\n", outcome.text());
  }

  @Test
  void unknownStrategiesAreNamedWithThoseThatThereAre() throws InterruptedException {
    Product.Outcome outcome =
        Product.run(
            Product.command("--vcpu-pool", "random", "--", "/bin/true"), Product.TREE, LIMIT);
    assertEquals(2, outcome.status());
    assertTrue(outcome.errors().contains("sticky, fifo, stealing, per-task, owned, batched"));
  }
}
