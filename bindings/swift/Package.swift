// swift-tools-version: 6.0
import PackageDescription

// On Apple's systems the core comes as an xcframework, made by build-xcframework.sh. Elsewhere it is a library that the
// linker finds: `swift build -Xlinker -L<folder of libstorewalk_ffi>`.
#if canImport(Darwin)
let library: Target = .binaryTarget(name: "StorewalkFFI", path: "build/StorewalkFFI.xcframework")
#else
let library: Target = .systemLibrary(name: "StorewalkFFI", path: "ffi")
#endif

let package = Package(
    name: "storewalk",
    platforms: [.iOS(.v17), .macOS(.v14)],
    products: [
        .library(name: "StorewalkKit", targets: ["StorewalkKit"]),
        .library(name: "StorewalkModels", targets: ["StorewalkModels"]),
    ],
    targets: [
        library,
        // Generated code, which the compiler takes in its older language mode alone.
        .target(
            name: "StorewalkGenerated",
            dependencies: ["StorewalkFFI"],
            path: "generated",
            exclude: [
                "StorewalkCoreFFI.h", "StorewalkCoreFFI.modulemap", "StorewalkDomainFFI.h", "StorewalkDomainFFI.modulemap",
            ],
            swiftSettings: [.swiftLanguageMode(.v5)]
        ),
        .target(name: "StorewalkKit", dependencies: ["StorewalkGenerated"]),
        .target(name: "StorewalkModels", dependencies: ["StorewalkKit"]),
        // What the tests and the little programs beside them play with; no product contains it.
        .target(name: "ContractWorld", dependencies: ["StorewalkKit"], path: "Tests/ContractWorld"),
        .executableTarget(name: "contract-child", dependencies: ["ContractWorld"], path: "Tests/ContractChild"),
        .executableTarget(name: "contract-bench", dependencies: ["ContractWorld"], path: "Tests/ContractBench"),
        .testTarget(
            name: "ContractTests",
            dependencies: ["ContractWorld", "StorewalkGenerated", "StorewalkKit", "StorewalkModels"]
        ),
    ]
)
