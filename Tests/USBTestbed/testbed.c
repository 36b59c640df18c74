// Puts a virtual USB device before libusb without a kernel driver or hardware.
//
//   testbed SOCKET LOG PROGRAM [ARGUMENT...]
//
// Runs PROGRAM under umockdev's preload. Whenever a USB/IP server answers on the unix socket, its
// device 1-1 is plugged in, and pulled out when the connection ends. LOG tells, a line each, what
// usbfs was asked for beside transfers. Exits as PROGRAM does.
//
// With TESTBED_BUSY in the environment the interface is claimed by somebody else.
#include <errno.h>
#include <linux/usbdevice_fs.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <umockdev.h>
#include <unistd.h>

extern char **environ;

typedef struct {
  UMockdevIoctlData *data;
  UMockdevIoctlData *buffer;
  uint32_t sequence;
  uint32_t unlink;  // the number under which it was called off
  int ended;
  int status;
} Transfer;

static UMockdevTestbed *testbed;
static FILE *journal;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
// all of these under the lock
static GPtrArray *transfers;
static int server = -1;
static uint32_t last_sequence;
static int is_gone = 1;
// held while the world of devices is changed; at its end nothing changes it any more
static pthread_mutex_t world = PTHREAD_MUTEX_INITIALIZER;

static void note(const char *text) {
  fprintf(journal, "%s\n", text);
  fflush(journal);
}

// MARK: The server's side

static void put(uint8_t *at, uint32_t value) {
  at[0] = value >> 24, at[1] = value >> 16, at[2] = value >> 8, at[3] = value;
}

static uint32_t get(const uint8_t *at) {
  return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static int send_all(const void *bytes, size_t count) {
  const uint8_t *at = bytes;
  while (count > 0) {
    ssize_t sent = send(server, at, count, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return -1;
    at += sent, count -= sent;
  }
  return 0;
}

static int receive_all(int from, void *bytes, size_t count) {
  uint8_t *at = bytes;
  while (count > 0) {
    ssize_t got = recv(from, at, count, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return -1;
    at += got, count -= got;
  }
  return 0;
}

// Sends CMD_SUBMIT with the lock held; gives the sequence number.
static uint32_t submit(int endpoint, int is_input, const uint8_t *setup, const void *data,
                       uint32_t count) {
  uint8_t head[48] = {0};
  put(head, 1), put(head + 4, ++last_sequence), put(head + 8, 1 << 16 | 2);
  put(head + 12, is_input), put(head + 16, endpoint), put(head + 24, count);
  if (setup) memcpy(head + 40, setup, 8);
  if (send_all(head, sizeof head) == 0 && !is_input && count > 0) send_all(data, count);
  return last_sequence;
}

static uint32_t call_off(uint32_t target) {
  uint8_t head[48] = {0};
  put(head, 2), put(head + 4, ++last_sequence), put(head + 8, 1 << 16 | 2), put(head + 20, target);
  send_all(head, sizeof head);
  return last_sequence;
}

// MARK: usbfs

static GType handler_get_type(void);
typedef struct { UMockdevIoctlBase parent; } Handler;
typedef struct { UMockdevIoctlBaseClass parent; } HandlerClass;
G_DEFINE_TYPE(Handler, handler, UMOCKDEV_TYPE_IOCTL_BASE)

static void finish(UMockdevIoctlClient *client, int error) {
  umockdev_ioctl_client_complete(client, error ? -1 : 0, error);
}

static UMockdevIoctlData *resolve(UMockdevIoctlData *data, size_t offset, size_t count) {
  GError *error = NULL;
  UMockdevIoctlData *found = umockdev_ioctl_data_resolve(data, offset, count, &error);
  if (!found) g_error("no memory of the program's: %s", error->message);
  return found;
}

static int begin(UMockdevIoctlData *data) {
  struct usbdevfs_urb *urb = (struct usbdevfs_urb *)data->data;
  Transfer *transfer = g_new0(Transfer, 1);
  transfer->data = umockdev_ioctl_data_ref(data);
  if (urb->buffer_length > 0) {
    transfer->buffer =
        resolve(data, offsetof(struct usbdevfs_urb, buffer), urb->buffer_length);
  }
  const uint8_t *bytes = transfer->buffer ? transfer->buffer->data : NULL;
  if (urb->type == USBDEVFS_URB_TYPE_CONTROL) {
    transfer->sequence = submit(0, bytes[0] >> 7, bytes, bytes + 8, urb->buffer_length - 8);
  } else {
    transfer->sequence =
        submit(urb->endpoint & 15, urb->endpoint >> 7, NULL, bytes, urb->buffer_length);
  }
  g_ptr_array_add(transfers, transfer);
  return 0;
}

static void reap(UMockdevIoctlClient *client) {
  for (guint i = 0; i < transfers->len; i++) {
    Transfer *transfer = transfers->pdata[i];
    if (!transfer->ended) continue;
    ((struct usbdevfs_urb *)transfer->data->data)->status = transfer->status;
    UMockdevIoctlData *argument = resolve(umockdev_ioctl_client_get_arg(client), 0, sizeof(void *));
    umockdev_ioctl_data_set_ptr(argument, 0, transfer->data);
    umockdev_ioctl_client_complete(client, 0, 0);
    umockdev_ioctl_data_unref(argument);
    g_ptr_array_remove_index(transfers, i);
    umockdev_ioctl_data_unref(transfer->data);
    if (transfer->buffer) umockdev_ioctl_data_unref(transfer->buffer);
    g_free(transfer);
    return;
  }
  finish(client, is_gone ? ENODEV : EAGAIN);
}

static int discard(unsigned long address) {
  for (guint i = 0; i < transfers->len; i++) {
    Transfer *transfer = transfers->pdata[i];
    if (transfer->data->client_addr != address || transfer->ended) continue;
    if (!is_gone) transfer->unlink = call_off(transfer->sequence);
    return 0;
  }
  return EINVAL;
}

static int claim(const char *how) {
  if (getenv("TESTBED_BUSY")) return EBUSY;
  note(how);
  return 0;
}

// What usbfs does for a request that has its own structure.
static int carry_out(unsigned long request, UMockdevIoctlData *data) {
  switch (request) {
    case USBDEVFS_GET_CAPABILITIES:  // those of a current host controller
      *(uint32_t *)data->data = USBDEVFS_CAP_ZERO_PACKET | USBDEVFS_CAP_NO_PACKET_SIZE_LIM |
                                USBDEVFS_CAP_BULK_CONTINUATION | USBDEVFS_CAP_BULK_SCATTER_GATHER;
      return 0;
    case USBDEVFS_CLAIMINTERFACE: return claim("claim");
    case USBDEVFS_DISCONNECT_CLAIM: return claim("detach and claim");
    case USBDEVFS_RELEASEINTERFACE: note("release"); return 0;
    case USBDEVFS_IOCTL: {
      struct usbdevfs_ioctl *inner = (struct usbdevfs_ioctl *)data->data;
      note(inner->ioctl_code == (int)USBDEVFS_CONNECT ? "attach" : "detach");
      return 0;
    }
    case USBDEVFS_GETDRIVER: return ENODATA;
    case USBDEVFS_SETINTERFACE:
    case USBDEVFS_SETCONFIGURATION: return 0;
    case USBDEVFS_CLEAR_HALT: {
      uint8_t setup[8] = {2, 1, 0, 0, *data->data, 0, 0, 0};
      note("clear halt");
      submit(0, 0, setup, NULL, 0);
      return 0;
    }
    case USBDEVFS_SUBMITURB: return begin(data);
    default: return ENOTTY;
  }
}

static gboolean handle_ioctl(UMockdevIoctlBase *self, UMockdevIoctlClient *client) {
  unsigned long request = umockdev_ioctl_client_get_request(client);
  UMockdevIoctlData *argument = umockdev_ioctl_client_get_arg(client);
  pthread_mutex_lock(&lock);
  if (request == USBDEVFS_REAPURB || request == USBDEVFS_REAPURBNDELAY) {
    reap(client);
  } else if (is_gone) {
    finish(client, ENODEV);
  } else if (request == USBDEVFS_DISCARDURB) {
    finish(client, discard(*(unsigned long *)argument->data));
  } else if (_IOC_SIZE(request) == 0) {
    finish(client, ENOTTY);
  } else {
    UMockdevIoctlData *data = resolve(argument, 0, _IOC_SIZE(request));
    finish(client, carry_out(request, data));
    umockdev_ioctl_data_unref(data);
  }
  pthread_mutex_unlock(&lock);
  return TRUE;
}

static void handler_init(Handler *self) {}

static void handler_class_init(HandlerClass *class) {
  class->parent.handle_ioctl = handle_ioctl;
}

// MARK: Plugging

// The answer to a control request before the device is plugged in; its length, or −1.
static int ask(const uint8_t *setup, uint8_t *answer) {
  uint8_t head[48];
  submit(0, 1, setup, NULL, setup[6] | setup[7] << 8);
  if (receive_all(server, head, sizeof head) < 0 || get(head + 20) != 0) return -1;
  int count = get(head + 24);
  return receive_all(server, answer, count) < 0 ? -1 : count;
}

static void hexadecimal(GString *text, const uint8_t *bytes, int count) {
  for (int i = 0; i < count; i++) g_string_append_printf(text, "%02X", bytes[i]);
}

static int import(void) {
  uint8_t request[40] = {1, 0x11, 0x80, 3}, reply[8], device[312];
  strcpy((char *)request + 8, "1-1");
  if (send_all(request, sizeof request) < 0) return -1;
  if (receive_all(server, reply, sizeof reply) < 0 || get(reply + 4) != 0) return -1;
  return receive_all(server, device, sizeof device);
}

// Makes the device's node and tells the world; gives its place in sysfs.
static const char *plug(int number, const char *node) {
  uint8_t descriptors[512];
  int count = ask((uint8_t[]){0x80, 6, 0, 1, 0, 0, 18, 0}, descriptors);
  int more = count < 0 ? -1 : ask((uint8_t[]){0x80, 6, 0, 2, 0, 0, 0xff, 0}, descriptors + count);
  if (more < 0) return NULL;
  GString *text = g_string_new("P: /devices/usb1/1-1\n");
  g_string_append_printf(text, "N: bus/usb/001/%03d\n", number);
  g_string_append_printf(text, "E: DEVNAME=/dev/bus/usb/001/%03d\n", number);
  g_string_append(text, "E: DEVTYPE=usb_device\nE: SUBSYSTEM=usb\nE: BUSNUM=001\n");
  g_string_append_printf(text, "E: DEVNUM=%03d\n", number);
  g_string_append_printf(text, "A: busnum=1\\n\nA: devnum=%d\\n\n", number);
  g_string_append(text, "A: bConfigurationValue=1\\n\nA: speed=12\\n\n");
  g_string_append_printf(text, "A: idVendor=%02x%02x\\n\n", descriptors[9], descriptors[8]);
  g_string_append_printf(text, "A: idProduct=%02x%02x\\n\n", descriptors[11], descriptors[10]);
  g_string_append(text, "H: descriptors=");
  hexadecimal(text, descriptors, count + more);
  g_string_append(text, "\n\n");
  GError *error = NULL;
  UMockdevIoctlBase *handler = g_object_new(handler_get_type(), NULL);
  pthread_mutex_lock(&lock);
  is_gone = 0;
  pthread_mutex_unlock(&lock);
  if (!umockdev_testbed_attach_ioctl(testbed, node, handler, &error)) g_error("%s", error->message);
  if (!umockdev_testbed_add_from_string(testbed, text->str, &error)) g_error("%s", error->message);
  g_string_free(text, TRUE);
  note("plugged");
  return "/sys/devices/usb1/1-1";
}

// Takes one answer of the server's; −1 at its end.
static int take(void) {
  uint8_t head[48];
  if (receive_all(server, head, sizeof head) < 0) return -1;
  uint32_t command = get(head), sequence = get(head + 4);
  int status = (int)get(head + 20);
  uint32_t count = command == 3 ? get(head + 24) : 0;
  int result = 0;
  pthread_mutex_lock(&lock);
  Transfer *found = NULL;
  for (guint i = 0; i < transfers->len; i++) {
    Transfer *transfer = transfers->pdata[i];
    uint32_t number = command == 4 ? transfer->unlink : transfer->sequence;
    if (number == sequence && !transfer->ended) found = transfer;
  }
  if (found && command == 4) {
    // status 0: its own end came before
    found->status = -ENOENT, found->ended = 1;
  } else if (found) {
    struct usbdevfs_urb *urb = (struct usbdevfs_urb *)found->data->data;
    int is_control = urb->type == USBDEVFS_URB_TYPE_CONTROL;
    int is_input = is_control ? found->buffer->data[0] >> 7 : urb->endpoint >> 7;
    if (is_input && count > 0) {
      result = receive_all(server, found->buffer->data + (is_control ? 8 : 0), count);
    }
    urb->actual_length = count;
    found->status = status;
    found->ended = 1;
  }
  pthread_mutex_unlock(&lock);
  return result;
}

static void *serve(void *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  for (int number = 2; number < 128;) {
    int connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(connection, (struct sockaddr *)&address, sizeof address) < 0) {
      close(connection);
      g_usleep(5000);
      continue;
    }
    server = connection;
    char *node = g_strdup_printf("/dev/bus/usb/001/%03d", number);
    pthread_mutex_lock(&world);
    const char *place = import() < 0 ? NULL : plug(number, node);
    pthread_mutex_unlock(&world);
    while (place && take() == 0) {
    }
    pthread_mutex_lock(&lock);
    is_gone = 1;
    for (guint i = 0; i < transfers->len; i++) {
      Transfer *transfer = transfers->pdata[i];
      if (!transfer->ended) transfer->ended = 1, transfer->status = -ESHUTDOWN;
    }
    server = -1;
    pthread_mutex_unlock(&lock);
    close(connection);
    pthread_mutex_lock(&world);
    if (place) {
      umockdev_testbed_uevent(testbed, place, "remove");
      umockdev_testbed_remove_device(testbed, place);
      umockdev_testbed_detach_ioctl(testbed, node, NULL);
      note("pulled");
      number++;
    }
    pthread_mutex_unlock(&world);
    g_free(node);
  }
  return NULL;
}

int main(int count, char **arguments) {
  if (count < 4) return 2;
  if (!getenv("LD_PRELOAD")) {
    // notices of arrival are sent by way of libudev, which must see the made world
    setenv("LD_PRELOAD", "libumockdev-preload.so.0", 1);
    execv("/proc/self/exe", arguments);
    return 2;
  }
  if (!(journal = fopen(arguments[2], "w"))) return 2;
  transfers = g_ptr_array_new();
  testbed = umockdev_testbed_new();
  pid_t child = fork();
  if (child == 0) {
    execvp(arguments[3], arguments + 3);
    _exit(127);
  }
  pthread_t thread;
  if (child < 0 || pthread_create(&thread, NULL, serve, arguments[1]) != 0) return 2;
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  pthread_mutex_lock(&world);
  g_object_unref(testbed);
  fflush(journal);
  _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}
