import Testing

/// A picture and what libpng makes of it.
struct PNGSample: Sendable, CustomTestStringConvertible {
  var name: String
  var width: Int
  var height: Int
  /// Depth, colour type, interlacing: as they stand in the header.
  var header: [UInt8]
  /// Base 64.
  var file: String
  /// Base 64: the greys of libpng's own samples, before white.
  var greys: String

  var testDescription: String { name }
}

/// Files that pnmtopng of Netpbm 11.1 wrote, read by its pngtopnm.
enum PNGSamples {
  private static let grey1 = PNGSample(
    name: "grey1", width: 9, height: 9, header: [1, 0, 0],
    file: """
      iVBORw0KGgoAAAANSUhEUgAAAAkAAAAJAQAAAADI6ju9AAAAI0lEQVQImWPgamDIYmD408Ag18AQ38DwjoHhBwOD
      DwNDBAMAXisGeIz0304AAAAASUVORK5CYII=
      """,
    greys: """
      AAAAAP8A/wD/AP//AP8A/wAA////////AAD/AAAA/////wD/AP8A////////////AP///wAA//////8AAAAAAP8A
      AP//AAAAAP8A//8AAAAA
      """)
  private static let grey2 = PNGSample(
    name: "grey2", width: 9, height: 9, header: [2, 0, 1],
    file: """
      iVBORw0KGgoAAAANSUhEUgAAAAkAAAAJAgAAAAH4TXH7AAAAN0lEQVQImWPYwOAAhA0MGxgUGCYwPGBQZmCY5MDQ
      wVDJ0MpQyuDH4PjZgaEvuIHhpvUBhrLkBgAW2w0xMeBBqAAAAABJRU5ErkJggg==
      """,
    greys: """
      qqoAAFWqqgD/VQAAVf//AP9VAFWq/wCq/1UAqgD/qlVVAP+qqqqqAP9VVVUA/1WqVQD/qv//qlVV/wBVqlVVVf9V
      qlWqAP+qVVX/AKr/qqoA
      """)
  private static let grey4 = PNGSample(
    name: "grey4", width: 9, height: 9, header: [4, 0, 0],
    file: """
      iVBORw0KGgoAAAANSUhEUgAAAAkAAAAJBAAAAAAACrTNAAAAQUlEQVQImQE2AMn/ADztD6YAAAq/NTHgAIIGchqw
      AMr1+B/gAHHO9TWgAJw+WVuwAByCf+lgAPIpJcMwAFX6dufAPZ4WtCFQ6dgAAAAASUVORK5CYII=
      """,
    greys: """
      M8zu3QD/qmYAAKq7/zNVMxHuiCIAZnciEaq7zKr/Vf+IEf/udxHM7v9VM1Wqmcwz7lWZVbu7EcyIInf/7plm/yIi
      mSJVzDMzVVX/qndm7nfM
      """)
  private static let grey8 = PNGSample(
    name: "grey8", width: 9, height: 9, header: [8, 0, 0],
    file: """
      iVBORw0KGgoAAAANSUhEUgAAAAkAAAAJCAAAAADF+lnMAAAAZUlEQVQImQFaAKX/BA+j6qG+GRyz2QRz9pr/Z+Xg
      A3cEwIymjGXs0S8FBIAu5QBeOBs5LgTLiiDAqhBy3E8ESAyscBZGMPrOBEwwBo2WwGeTsgQFcx4BTMzKgCcE8HDW
      ryBbfkZYC/AmBag+rbYAAAAASUVORK5CYII=
      """,
    greys: """
      D7KcPfsUMOO8gqg2NWL52eYzQg60QMflqtk4wvDVQCVdeONmjUxsAKq6LFSj1ZlFcMAGNk5xIVFL/ZPGLeGTJsTi
      /t+r93eeFjQKudkGhL0V
      """)
  private static let grey16 = PNGSample(
    name: "grey16", width: 9, height: 9, header: [16, 0, 1],
    file: """
      iVBORw0KGgoAAAANSUhEUgAAAAkAAAAJEAAAAAHibbUZAAAAwElEQVQImQG1AEr/A1pSGSQDOYtqLQMIygMVWwNR
      ze4UX9kD+Q23YQMOf+qXA7vThrYDMhv2VASRy3HjhQOBr2axgTrK3Q1CAyFICrINgZbVA8Z/6oH7JjNvA59B0r53
      zv54A0AixNe1G6SdA+UQycFQ/QU4A3/qeqhZqF1fz+FmYiN3SvJSpQNKwNKsid49JU6oKojCGD66AgEDyccHtOM8
      5Vw4q9ASdH3CCCHZA/owcKJb3sKvFBN8youMrcr9hxM9UY6S7S1GAAAAAElFTkSuQmCC
      """,
    greys: """
      WiH4GwkbM6NGf7i1typ7YHqPMtYPYgw60KFMiXMep7XCVKSbUQuKCBaXSJlqDkcWQ7SL44WxmkW66eN1oyyEAZOv
      PIsIAO7NZgcAQhqrqnDA
      """)
  private static let palette2 = PNGSample(
    name: "palette2", width: 9, height: 9, header: [2, 3, 0],
    file: """
      iVBORw0KGgoAAAANSUhEUgAAAAkAAAAJAgMAAACd/+6DAAAADFBMVEVp+uil2f+Xz9n7MMbOtpFjAAAAG0lEQVQI
      mWOQk2NgqKhwYHj48ABDe3sDAxY+AMf2CzUkv8VHAAAAAElFTkSuQmCC
      """,
    greys: """
      zc5+v83Ofr/Nzn6/zc5+v83Ofr/Nzn6/zc5+v83Ofr/Nzn6/zc5+v83Ofr/Nzn6/zc5+v83Ofr/Nzn6/zc5+v83O
      fr/Nzn6/zc5+v83Ofr/N
      """)
  private static let palette4 = PNGSample(
    name: "palette4", width: 9, height: 9, header: [4, 3, 1],
    file: """
      iVBORw0KGgoAAAANSUhEUgAAAAkAAAAJBAMAAAFluCu1AAAAMFBMVEXIhfa6Mog6QhmqH/hhH8I5sZKElhF1M0DA
      H2V1WLeZeNaGrAVN9yh3UcbUonxWUnbFYO7VAAAARklEQVQImWPoZ/jBcIBhAcP5BQzqDMUMdgw69QYM9VYPGCbs
      ZeC+yrA3kOGqGENgCkOwVJ7HBAYgMYmBAUjwbGAAEtsvAAB6khQEFuxL/QAAAABJRU5ErkJggg==
      """,
    greys: """
      V2w7pq2OSGpXimFkjYGtRVdsO6atjkhqV4phZI2BrUVXbDumrY5IaleKYWSNga1FV2w7pq2OSGpXimFkjYGtRVds
      O6atjkhqV4phZI2BrUVX
      """)
  private static let palette8opacity = PNGSample(
    name: "palette8opacity", width: 9, height: 9, header: [8, 3, 0],
    file: """
      iVBORw0KGgoAAAANSUhEUgAAAAkAAAAJCAMAAADXT/YiAAAAPFBMVEUPhJOljdEEDODvq5mWeJ10HLh0NShzqGLi
      /CaKvJ0fUc/aEGLbIyazjEYZsykeAATSRInzRF3vvM7PHOQ17aXzAAAADXRSTlMAAAAAgIAAAICAgICAs5f7nwAA
      ADtJREFUCJktzEsSgCAMwNAgoKDyEe5/V0vp9k0mlPe8r++YiRGIrvqW6Y8pM5nSsikrVmXFquyFqC1Ef4frAwYV
      EnzvAAAAAElFTkSuQmCC
      """,
    greys: """
      kKz/p/97/2jtzcL/o/91/wnUdqqQrP+n/3v/aO3Nwv+j/3X/CdR2qpCs/6f/e/9o7c3C/6P/df8J1HaqkKz/p/97
      /2jtzcL/o/91/wnUdqqQ
      """)
  private static let rgb8 = PNGSample(
    name: "rgb8", width: 17, height: 16, header: [8, 2, 0],
    file: """
      iVBORw0KGgoAAAANSUhEUgAAABEAAAAQCAIAAAB/UwMIAAADS0lEQVQokQFAA7/8BO13ezKt+cJ6pFlAbpZcwNCc
      bFrqR/5lz7ad3ijb7BtIbo1Ah6j0v+rr8V74rShtSP04bwQM2GuUYq98MIDUX3Ggl2XacYC6PTmLNrYV2lP/cn8P
      SzdFkGAXKAYKNZcjYu8QwaoFrC0ETqNcn1BEPUADRWaLDTfY48BoBWa0s+fWWCrH880HZOtqN2Coy8LFiBZGP6ho
      E4Iw0U5MBLi+WNEnc/wYyfdE+tO2VjNg97jtDQCN0BKe7xH8BsaIA4sdghg/PA5J1pYqeX0qBwTWZwRpR2FBoq8c
      H5w09zIej2qHs/svOSfZJfzt/WJZlFdAiApKV1ObtzD7NBftTj8PZNu8lPwEv+nSD3pctRui7TIixXDoSRFFTgUY
      v6kdHkKxvuQNmCIrc4fC/7IXkSQoyZ/r2na098hbBCbdhYvhNgfZrblHjCCOOOq7HYNuyU2tp1fcbepEoCbePPaD
      TRqTkfx3JP3V4whB5ZagagQ3gtYSs3zAZ9RwQKJNXC7Glt1HLWHzBfvkkuHFz8VUOkmHhOuPa1MpcoV5SUqz7VJy
      OFwEha37xiTH3bp3seyTAp7utcXkEVB15gS460qhfZ9nO+r3cKzgGKftgLSGBgIGEXloKL4ABEpr7Dsq5lp9v93a
      7lR4ir7CbbN7IS/FEkO+L6j8d3E2AyYV0r4jPIPl/r+bA4s4R4rXQgQtiR5qRgoTN7t4o+c+e+FUIxHd0sQpUJU9
      XIyvXDR5U+ouC5RDNmJMGqWKoq1JslDItQUEwU7SLzRoT6OGmgmshAUoqv5Z9fWAz2Is2fKltmFHd9Q1RDV4ed8H
      gxQ2hPnO+VgugF5OBEKfbCalBAT6xr+ByFQQWe5uP5A+f98VefBhRU8ps3551Gaelrz5m0HblJpjZmx+E3ahzQQN
      ctHpsRT60avmrLe080R4EpMpHXnfVSjXWV9PxMfk2lByatOuBi8x0smxP3/OCTxE5aoE+06sO+cg/4aSvJmj+Goc
      x7eYpVFM4BkR7TK5Kb99Tu+EKUJg30ddpOSTTIYItvDekzmDBHe/Y/l6PAF5T/n/xQCWflBq/ngwA1fElarYk51C
      YkWNyoP3Yb0QQGyGl8MitsuC7Hu6v80Ll6WPcsd5AAAAAElFTkSuQmCC
      """,
    greys: """
      myyjo2jC2He5rc5LIg3PcJyTlaYpqUaDiK5RjpmkHXtcQKt7zKFFoEpDns2sS6ZrGG+MxX3YS61ZOohgjSVgS4p/
      kW/Na9xRa5k3lGQqaqOs2GSaa6euMkV4sVV4imGJgV9lojvfj22saXpQZEapxbDlVJKAYJFRwlRZrKRGSatyaYVd
      IXlfspFcjceaPWp6yTpOoHHAxE9KTjdiaGtxsq1vcHcpYDd/hW2vXoSZRVRpq0eFxZiJppUXx0x1H38+calwWLC5
      kKKaoJpZrI+scXvNSj15Po1VNcmwOrJXz4UwKp1keNtlUJt2qzBlhZfKRHN7dWRucbG/Eo14ioTDNjNpe8QmoqvL
      PqE/iVFoonk=
      """)
  private static let rgb16 = PNGSample(
    name: "rgb16", width: 9, height: 9, header: [16, 2, 1],
    file: """
      iVBORw0KGgoAAAANSUhEUgAAAAkAAAAJEAIAAAFIZH2SAAACBElEQVQYlQH5AQb+AWf3HpHSI97OaIhFigFFE1zT
      rW6xKckNo6gBl62bdvX+AX8k+VhdqQF0KZpZ13kJSh3fiFl0jj95fEkB6QSJZvwVoGMGxYadAWR4qK97ZYcedReX
      RQHfq2Mak057/Vi7pjIBuHgvUVBvnBThiVKlOKeA1cWv/XZ3+uX8liPl8Jh2AVUi3Lx0ih89zb3vjTAJ6nio2x2w
      ZdMdM5uzV3taUAEOqiDvOjPq40DkZJnSCz6PrdL3BG821aIBfSEmjITZZhUASTAC6lXz/5hme2/HT5zSASwcWDbe
      GuuxTg3eKjgQF3C+Tq0oJuw/DAGvmZuT9L2UQR2vfKyLV3dAQLlz7sYFQ1kBm3Uex0ZKQqgZ7hmeoOZyClzT/OIO
      JFKRAZm4PGOSSqTPiiYCdTPdCghM0MphhJfwwE6onF22o/khS4//oxHefytsR2h+pR8n/8/XEo+clAEki/qcGTa5
      rftQz1n24WVtjgY/P16yt0H1DP0HF7LWkNsG6usBk0TusBDYsCnwyJJwwCZDNjEBgKrCT0FaglSq7+md94zPvyQ1
      enDM1mrUUXVx8f7CziCwT4Jrl8yLhibrn2iSfVF6QRSpgqdfAQrCEvgBxYQjeElpTuzYJZK674GyQCpp14px7cws
      kFzOnYswrutNL3oQrm9gvDuReP5A3bd+sgFl9KNcBK2sAAAAAElFTkSuQmCC
      """,
    greys: """
      SR6ylaSii0VmYpe1WsVYtIWTXEs1b4pVNrOuoOyBdnSc2N45lVqPfpuVWuXxn0V2PJZJgHiYqKuRjYlt0L9ZDoeP
      576lvFw5X0iNbcKej5Fp
      """)
  private static let greyOpacity16 = PNGSample(
    name: "greyOpacity16", width: 9, height: 9, header: [16, 4, 0],
    file: """
      iVBORw0KGgoAAAANSUhEUgAAAAkAAAAJEAQAAAAaCBLYAAABWElEQVQYlQFNAbL+AtZ0YREPM4VwV8TGrebH6FeL
      tFPIcCeQ0pKdWRXw4P8NVFLCrwLBHIyoC3ibUetHPRqKxC80og99tL8hSegphm7u7arB3gYibP0C+fa7toG4MtDc
      nP5wQGpchLhN8cFL+JsLgHDsIvAZKlCOExGkAnDq9xlZTcDuF9zjRDiU4EiBv/LfSO0wdDXNwduQOyP5sZkXjwJJ
      v+e6NkdM2XeaJkr36W1fwabLXg8ykywcdJsV1uBZDuAKii8C7yRcvrfPN9eyYYbItY6gueg1hSoZRBpbliyUFWlH
      mkUP0xuVAgu6PR/qsC2UnWPz8mDiLeakaBEVx2reSu5wLME9qqmpxe/KtAJiqW6O7A1SH0wZHN2drEylHoA9SHXK
      CDTK7IYQuUzIwWNrz0wCb+H2ub6qszcWTvKVYDJOkPgvKv2ZUhu4hRVb9CzRSGKYIMZxF2ylF2SOYsYAAAAASUVO
      RK5CYII=
      """,
    greys: """
      74J96Nmu2fB9nuL88lROyuXhtt/+3OvCdtH5YP5L95TXvvfcn7H755T1+K6JT+2k1vz4cv+K6Nf9+fnxPeZ2zfmN
      ofDQ8s/Rh5Oj/eXqkNC/
      """)
  private static let palette8opacityInterlaced = PNGSample(
    name: "palette8opacityInterlaced", width: 9, height: 9, header: [8, 3, 1],
    file: """
      iVBORw0KGgoAAAANSUhEUgAAAAkAAAAJCAMAAAGgSMa0AAAA81BMVEXrgMzvAnVo0o+3LGe3NUD/eUey7bLLGnd7
      9GKPyAzKZmmVJM1dSYHs1Vq5S+V+3tveYXc3lkdNIRTJw89upv1bxAha6VGoXilxXaaFLJ0WSmxI/NUqJKYDhB1z
      U2Gm391erPB0QrS9VcBMs59OexBkCgkXh628nR+GeKZ1TXlM3gYDzNSaVNaFsSY7xYtkSmFf9ig73iQ8v1dO6FKt
      irbAf2kcU7Niy6j3mC9COWt3h+xCRnQr3psufyigAdEHz3F3nQCcmcWxTKRmgJIclLHoYa4xVC1pRXtVnGpqVHIu
      +GjDwFmMw1FaGZGgnWzpsPhXmwtsSq+bAAAAUXRSTlPEeoNmSzP2nE64NxJiwegDC8kuTGl5PyNcM+TN8hUzJXHg
      A2KNQ1wC1nUal5hb4Iavm4Jmev5D65D1HbzmGl60nFqmuTvHbNZ8/JkVXqjq07KJOmpLAAAAb0lEQVQImQFkAJv/
      Az7xAxYGAxQDEwMBGxYDBUIDPfgDItsDPBMiEAsDLAbiKeQDLBUx9wMq0wfeA/Ub7jADKhr3BAP8CRoGAx8o8Q0p
      NCjgPwMD7RjoMNb38PgDBPQz5O0I3fgbAyoM1AUpHeZJ9hX2IA0NalGYAAAAAElFTkSuQmCC
      """,
    greys: """
      vK/rvtew31L6+K++7sR9oJqlqrHA6/Ki2dRy2Y/Jz/n+pfPfrsqrtc7dSO7V2r5xvOuo1r31zc6fwtP+0tA/ycbk
      iXre/p/dkOvdzvFgyqqV
      """)
  private static let rgbOpacity16 = PNGSample(
    name: "rgbOpacity16", width: 5, height: 5, header: [16, 6, 0],
    file: """
      iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFEAYAAADd//qmAAAA2ElEQVQImQHNADL/Aa1QZ7KW3kQz6P9LTHKGyEAg
      AXKr+P6Hu7BQqepX5uSMZxotjy2PRasDHuj1oyTIzW/CrlMKtVe8XC9PTtnqWziy1FNFHaye4hidAWgcdtMxAgBB
      psW6kIdOyqno+V9wxwWGHrEOhNKDywn9aMIc/CbZqOmSjl241RG9AOQzYeMDn3ISWEDHEd615D2tr/xPQEvLnSEY
      2q022AMb8x1cLjG3V9kDV17e9bC7HlTxuaVdrp+25ErCAtTyW/cOFho4unXGzKxz8eW0yW/oVHG3aNz/ZyboAAAA
      AElFTkSuQmCC
      """,
    greys: "3vqY0+dT6s6iwN/+Vt/5xbHY/tXGwMr77w==")

  static let all = [
    grey1, grey2, grey4, grey8, grey16, palette2, palette4, palette8opacity, rgb8, rgb16,
    greyOpacity16, palette8opacityInterlaced, rgbOpacity16,
  ]
}
