package io.millrace.tensor.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceChoiceTest {

  @Test
  void readsWhatAPersonWrites() {
    assertThat(DeviceChoice.parse(" Auto ")).isEqualTo(new DeviceChoice.Auto());
    assertThat(DeviceChoice.parse("CPU")).isEqualTo(new DeviceChoice.Cpu());
    assertThat(DeviceChoice.parse("cuda")).isEqualTo(new DeviceChoice.Cuda(0));
    assertThat(DeviceChoice.parse("cuda:3")).isEqualTo(new DeviceChoice.Cuda(3));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "gpu", "cuda:", "cuda:-1", "cuda:1000", "cuda:1x", "cpu:0", "auto,cpu"})
  void refusesAnythingElse(String setting) {
    assertThatThrownBy(() -> DeviceChoice.parse(setting))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + setting + "'");
  }

  @Test
  void takesADeviceThatIsThere() {
    assertThat(new DeviceChoice.Auto().resolve(2)).isEqualTo(Device.gpu(0));
    assertThat(new DeviceChoice.Auto().resolve(0)).isEqualTo(Device.cpu());
    assertThat(new DeviceChoice.Cpu().resolve(2)).isEqualTo(Device.cpu());
    assertThat(new DeviceChoice.Cuda(1).resolve(2)).isEqualTo(Device.gpu(1));
  }

  @Test
  void saysWhichDevicesThereAre() {
    assertThatThrownBy(() -> new DeviceChoice.Cuda(2).resolve(2))
        .hasMessageContaining("cuda:2")
        .hasMessageContaining("only cuda:0 to cuda:1");
    assertThatThrownBy(() -> new DeviceChoice.Cuda(0).resolve(0))
        .hasMessageContaining("no CUDA device");
  }
}
