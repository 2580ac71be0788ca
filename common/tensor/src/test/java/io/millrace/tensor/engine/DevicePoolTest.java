package io.millrace.tensor.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class DevicePoolTest {

  @Test
  void twoUsersHaveTwoDevicesAndAThirdSharesOne() {
    DevicePool<String> pool = new DevicePool<>(List.of("cuda:0", "cuda:1"));
    DevicePool<String>.Place first = pool.take();
    DevicePool<String>.Place second = pool.take();
    DevicePool<String>.Place third = pool.take();
    assertThat(List.of(first.device(), second.device(), third.device()))
        .containsExactly("cuda:0", "cuda:1", "cuda:0");
    second.close();
    second.close();
    assertThat(pool.take().device()).isEqualTo("cuda:1");
    assertThat(pool.take().device())
        .as("left once, however often it is closed")
        .isEqualTo("cuda:1");
  }

  @Test
  void needsADevice() {
    assertThatThrownBy(() -> new DevicePool<>(List.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void cudaAloneIsAllCudaDevices() {
    assertThat(DeviceChoice.parseAll("cuda", 2))
        .containsExactly(new DeviceChoice.Cuda(0), new DeviceChoice.Cuda(1));
    assertThat(DeviceChoice.parseAll("CUDA", 0))
        .as("which says that there is none")
        .containsExactly(new DeviceChoice.Cuda(0));
    assertThat(DeviceChoice.parseAll("cuda:1", 2)).containsExactly(new DeviceChoice.Cuda(1));
    assertThat(DeviceChoice.parseAll("auto", 2)).containsExactly(new DeviceChoice.Auto());
  }

  @Test
  void startsAProcessorsEngine() {
    assertThat(DevicePool.start("cpu").devices()).containsExactly(TensorEngine.start("cpu"));
    assertThatThrownBy(() -> DevicePool.start("cuda"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("no CUDA device");
  }
}
