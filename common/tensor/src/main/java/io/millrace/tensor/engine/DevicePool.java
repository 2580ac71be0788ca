package io.millrace.tensor.engine;

import java.util.ArrayList;
import java.util.List;

/**
 * Devices that several users share: each is given the one that the fewest have, of those the first.
 *
 * @param <D> a device, {@link TensorEngine} outside of tests
 */
public final class DevicePool<D> {

  private final List<D> devices;
  private final int[] users;

  /**
   * Of these devices, one at least.
   *
   * @throws IllegalArgumentException if there is none
   */
  public DevicePool(List<D> devices) {
    if (devices.isEmpty()) {
      throw new IllegalArgumentException("a pool needs a device");
    }
    this.devices = List.copyOf(devices);
    this.users = new int[devices.size()];
  }

  /**
   * Of the devices of a setting: all of {@code cuda}, otherwise the one that {@link DeviceChoice}
   * names.
   *
   * @throws IllegalArgumentException if the setting cannot be read
   * @throws IllegalStateException if there is no such device, or libtorch does not load
   */
  public static DevicePool<TensorEngine> start(String setting) {
    List<TensorEngine> engines = new ArrayList<>();
    for (DeviceChoice choice : DeviceChoice.parseAll(setting, TensorEngine.cudaDevices(setting))) {
      engines.add(TensorEngine.start(choice));
    }
    return new DevicePool<>(engines);
  }

  /** All of them. */
  public List<D> devices() {
    return devices;
  }

  /** Takes a device until the place is closed. */
  public synchronized Place take() {
    int least = 0;
    for (int i = 1; i < users.length; i++) {
      if (users[i] < users[least]) {
        least = i;
      }
    }
    users[least]++;
    return new Place(least);
  }

  private synchronized void leave(int device) {
    users[device]--;
  }

  /** A user's place on a device. For one thread. */
  public final class Place implements AutoCloseable {

    private final int at;
    private boolean left;

    private Place(int at) {
      this.at = at;
    }

    /** The device. */
    public D device() {
      return devices.get(at);
    }

    @Override
    public void close() {
      if (!left) {
        left = true;
        leave(at);
      }
    }
  }
}
