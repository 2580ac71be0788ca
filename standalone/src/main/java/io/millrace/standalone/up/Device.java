package io.millrace.standalone.up;

import io.millrace.standalone.terminal.UserError;
import io.millrace.tensor.engine.DeviceChoice;
import io.millrace.tensor.engine.TensorEngine;

/** What {@code --device} names. */
public final class Device {

  private Device() {}

  /**
   * The engine on a device.
   *
   * @throws UserError if there is no such device
   */
  public static TensorEngine engine(String setting) {
    try {
      return TensorEngine.start(setting);
    } catch (IllegalArgumentException | IllegalStateException e) {
      throw error(setting, e);
    }
  }

  /**
   * Checks that a device is there. Services start the engine on their own, side by side with much
   * else: it is started here only to ask for a device that may be missing.
   *
   * @throws UserError if it is not
   */
  static void require(String setting) {
    try {
      switch (DeviceChoice.parse(setting)) {
        case DeviceChoice.Cuda _ -> TensorEngine.start(setting);
        case DeviceChoice.Auto _, DeviceChoice.Cpu _ -> {}
      }
    } catch (IllegalArgumentException | IllegalStateException e) {
      throw error(setting, e);
    }
  }

  private static UserError error(String setting, RuntimeException e) {
    return new UserError("--device " + setting + ": " + e.getMessage(), e);
  }
}
