package io.millrace.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PortsTest {

  /** Between the choice and the start of a server nobody else may be given its port. */
  @Test
  void findsDifferentOnesThatNobodyIsGivenByChance() {
    List<Integer> ports = new ArrayList<>(Ports.free(200));
    ports.addAll(Ports.free(200));
    ports.add(Ports.free());

    // Systems hand out what is above, Linux from 32768 on.
    assertThat(ports).doesNotHaveDuplicates().allMatch(port -> port > 1023 && port < 32_768);
  }

  /** A process that has chosen a port holds it by UDP. */
  @Test
  void leavesThoseThatAnotherProcessHasChosen() throws IOException {
    int port = 19_876;
    try (DatagramSocket other = new DatagramSocket(port, InetAddress.getByName("127.0.0.1"))) {
      assertThat(other.isBound()).isTrue();
      assertThat(Ports.isFree(port)).as("for servers").isTrue();
      assertThat(Ports.claim(port)).isFalse();
    }
    assertThat(Ports.claim(port)).isTrue();
    assertThat(Ports.claim(port)).as("twice").isFalse();
  }

  @Test
  void doesNotFindOneThatIsBusy() throws IOException {
    try (ServerSocket busy = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      assertThat(Ports.isFree(busy.getLocalPort())).isFalse();
    }
  }

  @Test
  void tellsABusyPortFromOneThatIsNotForTheUser() {
    assertThat(Ports.reason("Kafka", 9092, "Address already in use"))
        .isEqualTo(
            "port 9092 for Kafka is busy: Address already in use; stop what listens there or choose another");
    assertThat(Ports.reason("Kafka", 80, "Permission denied"))
        .isEqualTo(
            "port 80 for Kafka is not for this user: Permission denied; choose one above 1023");
  }
}
