import Glibc

// Calls of glibc that the Glibc module leaves out, because it is made without _GNU_SOURCE. Each
// takes and returns only machine words, for which Swift's calling convention is C's.

@_silgen_name("pipe2")
func pipe2(_ ends: UnsafeMutablePointer<Int32>, _ flags: Int32) -> Int32

@_silgen_name("accept4")
func accept4(
  _ listener: Int32, _ address: UnsafeMutablePointer<sockaddr>?,
  _ length: UnsafeMutablePointer<socklen_t>?, _ flags: Int32
) -> Int32

@_silgen_name("eventfd")
func eventfd(_ start: UInt32, _ flags: Int32) -> Int32

@_silgen_name("memmem")
func memmem(
  _ text: UnsafeRawPointer, _ textSize: Int, _ word: UnsafeRawPointer, _ wordSize: Int
) -> UnsafeMutableRawPointer?

@_silgen_name("pthread_setname_np")
func pthread_setname_np(_ thread: pthread_t, _ name: UnsafePointer<CChar>) -> Int32

@_silgen_name("posix_spawn_file_actions_addclosefrom_np")
func posix_spawn_file_actions_addclosefrom_np(
  _ actions: UnsafeMutablePointer<posix_spawn_file_actions_t>, _ from: Int32
) -> Int32

@_silgen_name("posix_spawn_file_actions_addchdir_np")
func posix_spawn_file_actions_addchdir_np(
  _ actions: UnsafeMutablePointer<posix_spawn_file_actions_t>, _ path: UnsafePointer<CChar>
) -> Int32

// libcrypt's, which has a header of its own that no module map names.

@_silgen_name("crypt_gensalt_rn")
func crypt_gensalt_rn(
  _ prefix: UnsafePointer<CChar>, _ count: UInt, _ random: UnsafePointer<CChar>,
  _ randomCount: Int32,
  _ output: UnsafeMutablePointer<CChar>, _ outputSize: Int32
) -> UnsafeMutablePointer<CChar>?

@_silgen_name("crypt_rn")
func crypt_rn(
  _ phrase: UnsafePointer<CChar>, _ setting: UnsafePointer<CChar>, _ data: UnsafeMutableRawPointer,
  _ size: Int32
) -> UnsafeMutablePointer<CChar>?
