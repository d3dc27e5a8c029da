package io.loomvisor.runtime.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.loomvisor.kernel.syscall.SyscallDocument;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The page in the tree is what the table says. */
class SyscallDocumentationTest {
  @Test
  void pageIsUpToDate() throws IOException {
    assumeTrue(Files.isWritable(Path.of("/dev/kvm")), "no /dev/kvm");
    Path page = Path.of("").toAbsolutePath().getParent().resolve("docs/syscalls.md");
    assertEquals(
        SyscallDocument.markdown(SyscallsCommand.table()),
        Files.exists(page) ? Files.readString(page) : "",
        "docs/syscalls.md is stale; regenerate it: ./loomvisor syscalls > docs/syscalls.md");
  }
}
