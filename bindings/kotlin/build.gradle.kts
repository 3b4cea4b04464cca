// The binding as an Android library. What is compiled is what `cargo xtask test kotlin` compiles on a plain JVM: the
// generated files and src/main. This build itself has not been run where Storewalk is tested, for want of Android's own
// tools; see bindings/README.md. bindings/build-android.sh puts the native
// libraries into jniLibs.

plugins {
    id("com.android.library") version "8.13.0"
    id("org.jetbrains.kotlin.android") version "2.4.20"
}

android {
    namespace = "storewalk"
    compileSdk = 36

    defaultConfig {
        // Instants and durations of java.time are there from 26 on without further help.
        minSdk = 26
        consumerProguardFiles("consumer-rules.pro")
    }

    sourceSets["main"].java.srcDirs("generated", "src/main/kotlin")
    sourceSets["main"].jniLibs.srcDirs("jniLibs")

    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }
}

kotlin {
    explicitApi()
    jvmToolchain(17)
}

dependencies {
    // The archive holds the native half of JNA for every kind of phone; below 5.18.1 JNA loses a race at its start.
    implementation("net.java.dev.jna:jna:5.19.1@aar")
    api("org.jetbrains.kotlinx:kotlinx-coroutines-core:1.10.2")
}
